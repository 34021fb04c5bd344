(* The checker in OCaml. What is trusted here: each integer operation is what it is called in driver/integer_*.ml. *)
From Coq Require Import ZArith Extraction ExtrOcamlBasic.
From Proved Require Import Check Quick.
Extract Inductive positive => "Integer.t" ["Integer.odd" "Integer.even" "Integer.one"] "(fun _ -> assert false)".
Extract Inductive Z => "Integer.t" ["Integer.zero" "" "Integer.opp"] "(fun _ -> assert false)".
Extract Inlined Constant Z.add => "Integer.add".
Extract Inlined Constant Z.sub => "Integer.sub".
Extract Inlined Constant Z.mul => "Integer.mul".
Extract Inlined Constant Z.opp => "Integer.opp".
Extract Inlined Constant Z.eqb => "Integer.equal".
Extract Inlined Constant Z.ltb => "Integer.less".
Extract Inlined Constant Z.leb => "Integer.at_most".
Extraction "build/proved.ml" decide.
