using System.Reflection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

[TestFixtureSource(nameof(Names))]
public sealed class BuiltInTrainerContract(string name) : TrainerContract
{
    /// <summary>Every trainer of the catalog.</summary>
    public static IEnumerable<string> Names =>
        typeof(Trainers).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(method => method.Name);

    // Enough rows that boosting really divides them between threads.
    protected override int RowCount => name == nameof(Trainers.GradientBoosting) ? 5000 : 600;

    protected override IReadOnlyDictionary<string, HyperparameterValue> Parameters { get; } =
        new Dictionary<string, HyperparameterValue>(
            name == nameof(Trainers.GradientBoosting) ? [new(GradientBoosting.Trees.Name, 6)] : []);

    protected override ITrainer Create() => (ITrainer)typeof(Trainers).GetMethod(name)!.Invoke(
        null, [.. typeof(Trainers).GetMethod(name)!.GetParameters().Select(_ => (object?)null)])!;

    protected override void AddReaders(FormatReaders readers) => BuiltInModels.AddTo(readers);
}
