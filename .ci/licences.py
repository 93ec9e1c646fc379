"""Checks that each dependency can be taken under the licences of deny.toml, where cargo deny is not installed."""
import json
import re
import subprocess
import sys
import tomllib

with open(".ci/deny.toml", "rb") as file:
    allowed = set(tomllib.load(file)["licenses"]["allow"])
text = subprocess.run(["cargo", "metadata", "--format-version", "1", "--all-features"], check=True, capture_output=True).stdout
packages = [package for package in json.loads(text)["packages"] if package["source"]]


def is_allowed(expression):
    """OR binds less than AND; brackets first."""
    while "(" in expression:
        expression = re.sub(r"\(([^()]*)\)", lambda part: "yes" if is_allowed(part[1]) else "no", expression)
    expression = expression.replace("/", " OR ")
    return any(all(part.strip() in allowed | {"yes"} for part in one.split(" AND ")) for one in expression.split(" OR "))


refused = [(package["name"], package["license"]) for package in packages if not is_allowed(package["license"] or "none")]
for name, licence in refused:
    print(f"{name}: {licence} is not among the licences of .ci/deny.toml")
print(f"licences: {len(packages)} packages, {len(refused)} refused")
sys.exit(bool(refused))
