# Draws the plots that replot asks for: python3 program.py --config JOB --output-dir DIR, where simulations/ is found.
# Put your own model's data and figures in place of `read_numbers` and `figure`.
import csv, itertools, json, pathlib, sys

options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
job = json.loads(pathlib.Path(options["--config"]).read_text("utf-8"))  # the job file is JSON, and YAML as well
catalog = job["catalog"]

def read_numbers(path):  # the inputs of this example are CSV text; only their names are given
    with open(pathlib.Path("simulations", catalog["model"], path), encoding="utf-8") as file:
        return list(csv.DictReader(file))

def figure(series, outcome, facet):  # series: rows by the name in the legend; a panel for each stratum
    about = catalog["outcomes"][outcome]
    strata = ["all"] if facet == "none" else catalog["dimensions"][facet]
    data = []
    layout = {"title": {"text": f"{about['name']} ({about['unit']})"},
              "grid": {"rows": 1, "columns": len(strata), "pattern": "independent"}}
    for panel, stratum in enumerate(strata, start=1):
        number = "" if panel == 1 else panel  # axes are x and y, x2 and y2, ...
        layout[f"xaxis{number}"] = {"title": {"text": stratum}}
        for (name, rows), color in zip(series.items(), ["steelblue", "darkorange"]):
            sums = {}
            for row in rows:
                if facet == "none" or row[facet] == stratum:
                    sums[int(row["year"])] = sums.get(int(row["year"]), 0) + float(row[outcome])
            data.append({"name": name, "x": list(sums), "y": list(sums.values()), "line": {"color": color},
                         "legendgroup": name, "showlegend": panel == 1, "xaxis": f"x{number}", "yaxis": f"y{number}"})
    return {"data": data, "layout": layout}

for block in job["jobs"]:
    city = block["city"]
    for scenario in block["scenarios"]:
        series = {"Baseline": read_numbers(f"base/{city}_base.Rdata"),
                  catalog["scenarios"][scenario]: read_numbers(f"prerun/{city}/{scenario}.Rdata")}
        directory = pathlib.Path(options["--output-dir"], city, scenario)
        directory.mkdir(parents=True, exist_ok=True)
        for outcome, statistic, facet in itertools.product(block["outcomes"], block["statistics"], block["facets"]):
            name = f"{outcome}_{statistic}_{'unfaceted' if facet == 'none' else 'facet_' + facet}"
            metadata = {"city": city, "scenario": scenario, "outcome": outcome, "statistic_type": statistic,
                        "facet_choice": facet}
            (directory / f"{name}.json").write_text(json.dumps(figure(series, outcome, facet)))
            (directory / f"{name}_metadata.json").write_text(json.dumps(metadata))
