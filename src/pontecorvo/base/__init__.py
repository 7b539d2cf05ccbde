"""What every folder needs and no physics knows: errors, files, progress, seeds, threads."""
