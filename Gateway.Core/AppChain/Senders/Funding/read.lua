-- Answers what was spent today.
return {text(spent())}
