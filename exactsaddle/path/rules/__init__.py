"""Rules: how an optimiser multiplies the small weights, and so how fast each dual moves. One file a rule."""

from exactsaddle.path.rules.decay import WeightDecay
from exactsaddle.path.rules.descent import GradientDescent
from exactsaddle.path.rules.flow import GradientFlow
from exactsaddle.path.rules.layers import require_two_layers
from exactsaddle.path.rules.momentum import HeavyBall
from exactsaddle.path.rules.rule import FlowRule, Rule, SteppedRule
from exactsaddle.path.rules.sharpness import SharpnessAware

__all__ = [
    "FlowRule",
    "GradientDescent",
    "GradientFlow",
    "HeavyBall",
    "Rule",
    "SharpnessAware",
    "SteppedRule",
    "WeightDecay",
    "require_two_layers",
]
