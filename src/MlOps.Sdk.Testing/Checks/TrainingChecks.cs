using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>What trainers promise alike, whether they read features or columns.</summary>
internal static class TrainingChecks
{
    public static void Describe(ITrainerInfo trainer)
    {
        Assert.That(trainer.Name, Is.Not.Null.And.Not.Empty);
        Assert.That(trainer.Version, Is.Not.Null.And.Not.Empty);
        Assert.That(trainer.Capabilities.Tasks, Is.Not.Empty.And.Unique);
        Assert.That(trainer.Hyperparameters.Select(hyperparameter => hyperparameter.Name), Is.Unique);
        foreach (var hyperparameter in trainer.Hyperparameters)
            Assert.That(() => hyperparameter.Check(hyperparameter.Default), Throws.Nothing, hyperparameter.Name);
    }

    /// <summary>A value that is not allowed.</summary>
    public static HyperparameterValue Beyond(Hyperparameter hyperparameter) => hyperparameter switch
    {
        NumberHyperparameter number => number.Maximum + 1,
        IntegerHyperparameter integer => integer.Maximum + 1.0,
        BooleanHyperparameter => "perhaps",
        _ => "no such choice",
    };

    /// <summary>Hyperparameters with their defaults, and those that are set.</summary>
    public static IReadOnlyDictionary<string, HyperparameterValue> Parameters(
        ITrainerInfo trainer,
        IReadOnlyDictionary<string, HyperparameterValue> set,
        KeyValuePair<string, HyperparameterValue>? changed)
    {
        var parameters = trainer.Hyperparameters.ToDictionary(
            hyperparameter => hyperparameter.Name,
            hyperparameter => hyperparameter.Default);
        foreach (var (name, value) in set) parameters[name] = value;
        if (changed is { } last) parameters[last.Key] = last.Value;
        return parameters;
    }

    /// <summary>
    /// The rows in an order in which the classes first occur as 2, 0, 1: none is where it belongs, and undoing it is another order.
    /// </summary>
    public static int[] InAnotherOrderOfClasses(ReadOnlySpan<double> labels, int classes)
    {
        var first = new List<int>();
        for (var i = 0; i < classes; i++)
        {
            var row = labels.IndexOf((double)((i + classes - 1) % classes));
            if (row >= 0) first.Add(row);
        }

        return [.. first, .. Enumerable.Range(0, labels.Length).Except(first)];
    }

    /// <summary>
    /// Rows of a class have more of its probability than the other rows have, or all rows have the same. A class without rows has less
    /// than any other.
    /// </summary>
    public static void ClassOrder(double[] predicted, ReadOnlySpan<double> labels, int classes)
    {
        var outputs = predicted.Length / labels.Length;
        var shares = new double[classes];
        for (var k = 0; k < classes; k++) shares[k] = Mean(predicted, labels, outputs, k, null);
        for (var k = 0; k < classes; k++)
        {
            if (!labels.Contains(k))
            {
                Assert.That(shares[k], Is.LessThan(LeastBut(shares, k)), $"class {k} has no rows");
                continue;
            }

            Assert.That(
                Mean(predicted, labels, outputs, k, true),
                Is.GreaterThan(Mean(predicted, labels, outputs, k, false) - 1e-9),
                $"class {k} of {classes}: outputs are in the order of the problem's classes");
        }
    }

    /// <summary>
    /// Cancels trainings from inside: at the first event of each kind, and half-way. Each ends with
    /// <see cref="OperationCanceledException"/>, and afterwards the trainer trains as before. A trainer that responds to a cancellation
    /// between phases may finish its last one.
    /// </summary>
    /// <param name="info">The trainer.</param>
    /// <param name="labels">The truth per row.</param>
    /// <param name="train">Trains with labels, progress and a logger; gives the bytes of the model.</param>
    public static async Task EndsWhenCancelledAsync(
        ITrainerInfo info, double[] labels, Func<TrainingWatch, CancellationToken, Task<byte[]>> train)
    {
        var uncancelled = new TrainingWatch(labels);
        var before = await train(uncancelled, CancellationToken.None).ConfigureAwait(false);
        Assert.That(uncancelled.Count(TrainingEvent.LabelsRead), Is.Positive, "the training reads its labels");
        foreach (var at in Enum.GetValues<TrainingEvent>())
        {
            foreach (var number in new[] { 1, (uncancelled.Count(at) + 1) / 2 }.Distinct())
            {
                if (number > uncancelled.Count(at) || number == 0) continue;
                using var cancellation = new CancellationTokenSource();
                var watch = new TrainingWatch(labels, cancellation, at, number);
                Exception? end = null;
                try
                {
                    await train(watch, cancellation.Token).ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    end = e;
                }

                // What is logged, and when, may differ from one training to the next.
                if (!watch.IsCancelled && end is null) continue;
                if (end is null && number > 1 && info.Capabilities.Cancellation == CancellationSpeed.BetweenPhases) continue;
                Assert.That(end, Is.InstanceOf<OperationCanceledException>(), $"cancelled while it trains: {at}, number {number}");
            }
        }

        byte[] after = [];
        Assert.That(
            async () => after = await train(new TrainingWatch(labels), CancellationToken.None).ConfigureAwait(false),
            Throws.Nothing,
            "trains again after it was cancelled");
        if (info.Capabilities.Determinism != Determinism.Never)
        {
            Assert.That(after, Is.EqualTo(before), "trains the same again after it was cancelled");
        }
    }

    private static double LeastBut(double[] shares, int k) => shares.Where((_, other) => other != k).Min();

    private static double Mean(double[] predicted, ReadOnlySpan<double> labels, int outputs, int k, bool? isOfClass)
    {
        double sum = 0;
        var count = 0;
        for (var row = 0; row < labels.Length; row++)
        {
            if (isOfClass is { } wanted && labels[row] == k != wanted) continue;
            sum += outputs > 1 ? predicted[row * outputs + k] : k == 1 ? predicted[row] : 1 - predicted[row];
            count++;
        }

        return sum / count;
    }
}
