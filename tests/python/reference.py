"""Trains networks in plain PyTorch and prints what came of them.

Standard input: a list of {"modules": [[name, args]...], "weights": [[weight, bias]...], "features": [[..]],
"labels": [..], "valid_features", "valid_labels", "orders": [[row..] an epoch], "batch_size": n,
"optimizer": {"name": .., settings}, "class_weights": [..] or null, "lr_schedule": as in a grid file,
with all its settings}. Standard output: for each, the final weights, each step's learning rate, and
each epoch's figures, whose losses are not weighted.
"""

import json
import sys

import torch


def train(task):
    network = torch.nn.Sequential(*[getattr(torch.nn, name)(*args) for name, args in task["modules"]])
    linear = [module for module in network if isinstance(module, torch.nn.Linear)]
    with torch.no_grad():
        for module, (weight, bias) in zip(linear, task["weights"]):
            module.weight.copy_(torch.tensor(weight).view_as(module.weight))
            module.bias.copy_(torch.tensor(bias))
    settings = dict(task["optimizer"])
    optimizer = getattr(torch.optim, settings.pop("name"))(network.parameters(), **settings)
    features, labels = torch.tensor(task["features"]), torch.tensor(task["labels"])
    valid_features, valid_labels = torch.tensor(task["valid_features"]), torch.tensor(task["valid_labels"])

    class_weights = task["class_weights"] and torch.tensor(task["class_weights"])
    weighted = torch.nn.CrossEntropyLoss(weight=class_weights)

    steps = sum(-(-len(order) // task["batch_size"]) for order in task["orders"])
    by_step, by_epoch, by_loss = schedulers(optimizer, task["lr_schedule"], steps)

    epochs, rates = [], []
    for order in task["orders"]:
        order = torch.tensor(order)
        loss_sum, hits = 0.0, 0
        for rows in order.split(task["batch_size"]):
            optimizer.zero_grad()
            logits = network(features[rows])
            weighted(logits, labels[rows]).backward()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if by_step:
                by_step.step()
            loss_sum += torch.nn.functional.cross_entropy(logits.detach(), labels[rows], reduction="sum").item()
            hits += (logits.argmax(1) == labels[rows]).sum().item()
        with torch.no_grad():
            logits = network(valid_features)
            valid_loss = torch.nn.functional.cross_entropy(logits, valid_labels).item()
            valid_hits = (logits.argmax(1) == valid_labels).sum().item()
        if by_epoch:
            by_epoch.step()
        if by_loss:
            by_loss.step(valid_loss)
        epochs.append(
            {
                "train_loss": loss_sum / len(order),
                "train_accuracy": hits / len(order),
                "valid_loss": valid_loss,
                "valid_accuracy": valid_hits / len(valid_labels),
            }
        )
    weights = [[module.weight.flatten().tolist(), module.bias.tolist()] for module in linear]
    return {"weights": weights, "epochs": epochs, "rates": rates}


def schedulers(optimizer, schedule, steps):
    """The scheduler of a schedule for so many steps, in the place of what it goes by: step, epoch, loss."""
    if schedule == "constant":
        return None, None, None
    ((name, settings),) = schedule.items()
    peers = torch.optim.lr_scheduler
    if name == "step":
        return None, peers.StepLR(optimizer, **settings), None
    if name == "reduce_on_plateau":
        return None, None, peers.ReduceLROnPlateau(optimizer, **settings)
    max_lr = optimizer.param_groups[0]["lr"]
    if name == "one_cycle":
        cycle = {"max_lr": max_lr, "total_steps": steps, "cycle_momentum": False, **settings}
        return peers.OneCycleLR(optimizer, **cycle), None, None
    warmup = round(settings["warmup"] * steps)
    eta_min = max_lr * settings["final_factor"]
    if not warmup:
        return peers.CosineAnnealingLR(optimizer, steps, eta_min), None, None
    rising = peers.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
    falling = peers.CosineAnnealingLR(optimizer, steps - warmup, eta_min)
    return peers.SequentialLR(optimizer, [rising, falling], milestones=[warmup]), None, None


torch.set_num_threads(1)
json.dump([train(task) for task in json.load(sys.stdin)], sys.stdout)
