"""Trains networks in plain PyTorch and prints what came of them.

Standard input: a list of {"modules": [[name, args]...], "weights": [[number..] a tensor of its state dict], "features": [[..]],
"labels": [..], "valid_features", "valid_labels", "orders": [[row..] an epoch],
"noise": [[[..] a row of the order] an epoch], "masks": [[[[..] a row of the order] a layer of dropout] an epoch], "batch_size": n, "optimizer": {"name": .., settings},
"class_weights": [..] or null, "regularisers": {name: ..}, "lr_schedule": as in a grid file, with all its
settings}. Standard output: for each, the final weights, each step's learning rate, and each epoch's figures,
whose losses are the plain cross-entropy.
"""

import json
import pathlib
import sys

import torch

# The modules that models with an embedding are loaded with.
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "src/model"))
sys.dont_write_bytecode = True
import network as own


class Masked(torch.nn.Module):
    """Dropout by masks that are given."""

    def forward(self, values):
        return values * self.mask if self.training else values


def module(name, args):
    return (getattr(torch.nn, name, None) or getattr(own, name, Masked))(*args)


def prepare(network, masks, rows):
    """Makes the network ready for a step on these places of the epoch's order."""
    network.train()
    for one, mask in zip([one for one in network if isinstance(one, Masked)], masks):
        one.mask = torch.tensor(mask[rows])
    for one in network:
        # PyTorch refuses to norm a single row by itself.
        if isinstance(one, torch.nn.BatchNorm1d) and rows.stop - rows.start == 1:
            one.eval()


def loss(logits, labels, class_weights, how):
    """What a step minimises."""
    gamma = how["focal_gamma"]
    if gamma == 0:
        smoothing = how["label_smoothing"]
        return torch.nn.functional.cross_entropy(logits, labels, class_weights, label_smoothing=smoothing)
    plain = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    weights = torch.ones_like(plain) if class_weights is None else class_weights[labels]
    return (weights * (1 - torch.exp(-plain)) ** gamma * plain).sum() / weights.sum()


@torch.no_grad()
def shorten(layers, most):
    """Scales the weights into each unit down to the norm `most`."""
    for layer in layers:
        norms = layer.weight.norm(dim=1, keepdim=True)
        layer.weight.mul_(torch.where(norms > most, most / norms, 1.0))


def train(task):
    network = torch.nn.Sequential(*[module(name, args) for name, args in task["modules"]])
    linear = [module for module in network if isinstance(module, torch.nn.Linear)]
    with torch.no_grad():
        for tensor, numbers in zip(network.state_dict().values(), task["weights"], strict=True):
            tensor.copy_(torch.tensor(numbers).view_as(tensor))
    settings = dict(task["optimizer"])
    optimizer = getattr(torch.optim, settings.pop("name"))(network.parameters(), **settings)
    features, labels = torch.tensor(task["features"]), torch.tensor(task["labels"])
    valid_features, valid_labels = torch.tensor(task["valid_features"]), torch.tensor(task["valid_labels"])

    class_weights = task["class_weights"] and torch.tensor(task["class_weights"])
    how = task["regularisers"]

    steps = sum(-(-len(order) // task["batch_size"]) for order in task["orders"])
    by_step, by_epoch, by_loss = schedulers(optimizer, task["lr_schedule"], steps)

    epochs, rates = [], []
    for order, noise, masks in zip(task["orders"], task["noise"], task["masks"]):
        order, noise = torch.tensor(order), torch.tensor(noise)
        loss_sum, hits, first = 0.0, 0, 0
        for rows, noise in zip(order.split(task["batch_size"]), noise.split(task["batch_size"])):
            prepare(network, masks, slice(first, first + len(rows)))
            first += len(rows)
            optimizer.zero_grad()
            logits = network(features[rows] + noise)
            l1 = sum(parameter.abs().sum() for parameter in network.parameters())
            (loss(logits, labels[rows], class_weights, how) + how["l1"] * l1).backward()
            if how["clip_grad_norm"]:
                torch.nn.utils.clip_grad_norm_(network.parameters(), how["clip_grad_norm"])
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if how["max_norm"]:
                shorten(linear[:-1], how["max_norm"])
            if by_step:
                by_step.step()
            loss_sum += torch.nn.functional.cross_entropy(logits.detach(), labels[rows], reduction="sum").item()
            hits += (logits.argmax(1) == labels[rows]).sum().item()
        network.eval()
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
    weights = [tensor.flatten().tolist() for tensor in network.state_dict().values()]
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
