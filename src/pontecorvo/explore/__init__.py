"""The live explorer: posteriors that follow what is measured, on a page in the browser.

`opening.open_explorer` takes a study, a finished run or a model's file; `server.serve` shows it.
"""
