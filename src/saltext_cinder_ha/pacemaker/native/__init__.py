"""pcs and crmsh, the operators' own tools: their text in, their words out."""
