# Draws the plots that replot asks for: python3 program.py --config JOB --output-dir DIR, where simulations/ is found.
# Put your own model's data and figures in place of `read_numbers` and `figure`.
import csv, json, pathlib, sys

options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
job = json.loads(pathlib.Path(options["--config"]).read_text("utf-8"))  # the job file is JSON, and YAML as well
catalog = job["catalog"]

def read_numbers(path):  # the inputs of this example are CSV text; only their names are given
    with open(pathlib.Path("simulations", catalog["model"], path), encoding="utf-8") as file:
        return list(csv.DictReader(file))

def figure(series, outcome, facet):  # series: rows by the name in the legend; a panel for each stratum
    strata = [None] if facet == "none" else catalog["dimensions"][facet]
    data = []
    for panel, stratum in enumerate(strata, start=1):
        for name, rows in series.items():
            sums = {}
            for row in rows:
                if stratum is None or row[facet] == stratum:
                    sums[int(row["year"])] = sums.get(int(row["year"]), 0) + float(row[outcome])
            data.append({"name": name, "x": list(sums), "y": list(sums.values()), "legendgroup": name,
                         "showlegend": panel == 1, "xaxis": f"x{panel}", "yaxis": f"y{panel}"})
    about = catalog["outcomes"][outcome]
    grid = {"rows": 1, "columns": len(strata), "pattern": "independent"}
    return {"data": data, "layout": {"title": {"text": f"{about['name']} ({about['unit']})"}, "grid": grid}}

for block in job["jobs"]:
    city = block["city"]
    for scenario in block["scenarios"]:
        series = {"Baseline": read_numbers(f"base/{city}_base.Rdata"),
                  catalog["scenarios"][scenario]: read_numbers(f"prerun/{city}/{scenario}.Rdata")}
        directory = pathlib.Path(options["--output-dir"], city, scenario)
        directory.mkdir(parents=True, exist_ok=True)
        for outcome, statistic, facet in [(o, s, f) for o in block["outcomes"] for s in block["statistics"] for f in block["facets"]]:
            name = f"{outcome}_{statistic}_{'unfaceted' if facet == 'none' else 'facet_' + facet}"
            metadata = {"city": city, "scenario": scenario, "outcome": outcome, "statistic_type": statistic, "facet_choice": facet}
            (directory / f"{name}.json").write_text(json.dumps(figure(series, outcome, facet)))
            (directory / f"{name}_metadata.json").write_text(json.dumps(metadata))
