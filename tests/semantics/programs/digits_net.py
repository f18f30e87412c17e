"""A small network on digits: datasets, loaders, epochs, validation, early stopping."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
scaler = StandardScaler().fit(X_train)


def to_loader(images, labels, shuffle):
    data = TensorDataset(torch.tensor(scaler.transform(images)).float(), torch.tensor(labels))
    return DataLoader(data, batch_size=64, shuffle=shuffle)


class Net(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10))

    def forward(self, images):
        return self.layers(images)


def train_epoch(model, loader, optimizer, loss_fn):
    model.train()
    total = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(images.to(device)), labels.to(device))
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    right = 0
    for images, labels in loader:
        right += (model(images.to(device)).argmax(dim=1).cpu() == labels).sum().item()
    return right / len(loader.dataset)


train_loader = to_loader(X_train, y_train, shuffle=True)
test_loader = to_loader(X_test, y_test, shuffle=False)
model = Net().to(device)
optimizer = optim.Adam(model.parameters(), lr=1e-3)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=5)
loss_fn = nn.CrossEntropyLoss()
best, waited = 0.0, 0
for epoch in range(20):
    loss = train_epoch(model, train_loader, optimizer, loss_fn)
    scheduler.step()
    now = accuracy(model, test_loader)
    print(epoch, loss, now)
    if now > best:
        best, waited = now, 0
        torch.save(model.state_dict(), "best.pt")
    else:
        waited += 1
        if waited == 3:
            break
