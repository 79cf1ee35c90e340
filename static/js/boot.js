// Runs before the first paint: tells the style sheets that scripts are there (the navigation folds on a phone).
document.documentElement.setAttribute("data-js", "");
