"""Makes the rows that the models of this folder were trained on (data.csv) and those that they are asked of."""

import csv, random
random.seed(3)
rows=[]
for n in range(160):
    load=round(random.uniform(0,10),2); kind=random.choice(["L","M","H"]); heat=round(random.gauss(40,6),1)
    bad=int(load>6.5 or (kind=="H" and heat>42)) ^ int(random.random()<0.15)
    rows.append([load,kind,heat,bad])
with open("data.csv","w") as f:
    w=csv.writer(f,lineterminator="\n"); w.writerow(["load","kind","heat","bad"]); w.writerows(rows)
with open("rows.csv","w") as f:
    w=csv.writer(f,lineterminator="\n"); w.writerow(["load","kind","heat"]); w.writerows([r[:3] for r in rows[:12]])
