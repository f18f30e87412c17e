"""Reads handwritten digits with a small network."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

digits = load_digits()
X_train, X_test, y_train, y_test = train_test_split(digits.data / 16, digits.target, random_state=7)
train = TensorDataset(torch.tensor(X_train, dtype=torch.float32), torch.tensor(y_train))
test = TensorDataset(torch.tensor(X_test, dtype=torch.float32), torch.tensor(y_test))

model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)


def train_model(loader, epochs):
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            total += loss.item()
        optimizer.step()
        print(f"epoch {epoch + 1}: loss {total / len(loader):.3f}")


@torch.no_grad()
def accuracy(loader):
    model.eval()
    right = 0
    for inputs, labels in loader:
        right += (model(inputs).argmax(dim=1) == labels).sum().item()
        return right / len(loader.dataset)


train_model(DataLoader(train, batch_size=64, shuffle=True), epochs=20)
print(f"accuracy: {accuracy(DataLoader(test, batch_size=64)):.3f}")
