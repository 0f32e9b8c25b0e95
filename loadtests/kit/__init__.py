"""What every load scenario is made of: pacing, histograms, generator processes, view, report.

Read in this order: `scenario` (what a scenario says), `run` (one run from start to verdict),
`fleet` and `player` (the generator processes), `recorder` and `timeline` (what is measured),
`bottleneck` (whether the generator can be believed), `result` (the JSON), `report` (the page).
"""
