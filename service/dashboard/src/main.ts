import "./dashboard-app.ts";

document.body.append(document.createElement("somo-dashboard"));
