"""The sterile plane by learned estimators: posterior by flow and by score, ratios, belts."""
