"""A small game in the form of ALFWorld's `game.tw-pddl`."""

GRAMMAR = 'grammar :: """ { "task": [ { "rhs": "Your task is to: put a pen in desk." } ] } """;'
PROBLEM = """
(define (problem p) (:domain alfred) ; a comment
(:objects agent1 - agent Pen - object PenType - otype DeskType DrawerType - rtype
  Pen_bar__plus_01 Pen_bar__plus_02 - object
  Desk_bar__plus_01 Drawer_bar__minus_01 Drawer_bar__plus_01 - receptacle
  loc_bar_1 loc_bar_2 loc_bar_3 - location)
(:init
  (objectType Pen_bar__plus_01 PenType) (objectType Pen_bar__plus_02 PenType)
  (pickupable Pen_bar__plus_01) (pickupable Pen_bar__plus_02)
  (receptacleType Desk_bar__plus_01 DeskType)
  (receptacleType Drawer_bar__minus_01 DrawerType) (receptacleType Drawer_bar__plus_01 DrawerType)
  (canContain DeskType PenType) (canContain DrawerType PenType)
  (openable Drawer_bar__plus_01)
  (atLocation agent1 loc_bar_3)
  (receptacleAtLocation Desk_bar__plus_01 loc_bar_1)
  (receptacleAtLocation Drawer_bar__minus_01 loc_bar_2) (receptacleAtLocation Drawer_bar__plus_01 loc_bar_2)
  (inReceptacle Pen_bar__plus_01 Drawer_bar__minus_01) (inReceptacle Pen_bar__plus_02 Drawer_bar__plus_01)
  (objectAtLocation Pen_bar__plus_01 loc_bar_2) (objectAtLocation Pen_bar__plus_02 loc_bar_2)
  (= (total-cost) 0))
(:goal (and (exists (?r - receptacle) (exists (?o - object)
  (and (inReceptacle ?o ?r) (objectType ?o PenType) (receptacleType ?r DeskType)))))))
"""
NAME = "json_2.1.1/train/pick_and_place_simple-Pen-None-Desk-301/trial_T1/game.tw-pddl"
GAME = {"gamefile": NAME, "pddl_problem": PROBLEM, "grammar": GRAMMAR}
