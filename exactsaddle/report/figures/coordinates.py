"""The coordinates β̃_i(t) of the limit as steps, with the flow over them."""

from __future__ import annotations

from exactsaddle.report import palette
from exactsaddle.report.document import Picture, words
from exactsaddle.report.figures.canvas import finish
from exactsaddle.report.figures.scene import DASHES, Scene, label_margin, line, margin_labels


def draw(scene: Scene) -> Picture:
    """One line per coordinate: those that stand out with their flow and name, the others thin and muted."""
    cast, betas = scene.cast, scene.arrays.betas
    labels = [scene.names[i] for i in cast.highlighted]
    figure, axes = scene.panel(270, right=label_margin(labels), top=scene.top, bottom=scene.bottom)
    axes.set_ylabel("coordinate β")
    scene.set_heights(axes, betas)
    for i in cast.folded:
        x, y = scene.steps(betas[:, i])
        line(axes, x, y, i, thin=False, color=palette.MUTED, linewidth=0.5, alpha=0.6)
    for i in cast.highlighted:
        x, y = scene.steps(betas[:, i])
        line(axes, x, y, i, thin=False, color=cast.colour(i), linewidth=2, alpha=0.55)
    for curve, dashes in zip(scene.curves, DASHES, strict=False):
        for i in cast.highlighted:
            x, y = scene.visible(curve.times, curve.betas[:, i])
            line(axes, x, y, i, color=cast.colour(i), linewidth=0.9, linestyle=dashes)
    for points in scene.certified:
        for i in cast.highlighted:
            scene.marks(axes, points, [float(point.beta[i]) for point in points.points], i)
    last = betas[len(scene.edges) - 2]
    margin_labels(axes, [(last[i], scene.names[i], cast.colour(i), i) for i in cast.highlighted])
    scene.real_time(axes)
    scene.key(axes)
    return finish(
        figure,
        anchor="coordinates",
        title="Coordinates of the limit and of the flow",
        alt=_alt(scene),
        caption=words(_caption(scene)),
        axes=(scene.time_axis(figure, axes),),
    )


def _alt(scene: Scene) -> str:
    path, cast = scene.path, scene.cast
    if not cast.ever:
        return f"All {path.problem.d} coordinates of the limit are 0 at all times: the path never moves."
    largest = "; ".join(
        f"{scene.names[i]} enters at t = {path[k].jump_time_text(6)} and ends at "
        f"{path[-1].beta_text(i, 6) if i in path[-1].support else '0'}"
        for i in cast.highlighted
        for k in [scene.first_entry(i)]
    )
    folded = f" {len(cast.folded)} smaller ones are drawn without names." if cast.folded else ""
    return (
        f"Steps of {len(cast.ever)} of {path.problem.d} coordinates over {len(path)} plateaus from t = 0; the last "
        f"jump is at t = {path[-1].jump_time_text(6)}. {largest}.{folded}"
    )


def _caption(scene: Scene) -> str:
    cast = scene.cast
    parts = ["Solid steps: the limit β̃(t), exact."]
    parts.append(scene.flow_sentence())
    if cast.folded:
        parts.append(
            f"The {len(cast.highlighted)} coordinates that become largest have colour, name and flow; "
            f"{len(cast.folded)} others are thin and grey, without the flow."
        )
    idle = scene.path.problem.d - len(cast.ever)
    if idle:
        parts.append(f"{idle} coordinate{'s stay' if idle > 1 else ' stays'} at 0 throughout.")
    parts.append(scene.symlog_sentence(scene.arrays.betas))
    return " ".join(part for part in parts if part)
