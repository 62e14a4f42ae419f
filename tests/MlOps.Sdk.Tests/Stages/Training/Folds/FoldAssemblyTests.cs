using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Tests.Processing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

/// <summary>What folds say when rows cannot be divided.</summary>
public sealed class FoldAssemblyTests
{
    [Test]
    public void FoldsAsync_FewDifferentKeys_SaysSoAndNamesAKey() => Fails(
        [.. Enumerable.Range(0, 200).Select(row => new RowKey(1, (ulong)(row % 2)))],
        row => row % 2,
        new FoldRule(FoldKind.Stratified),
        "200 training rows have 2 different keys",
        "Split(test, \"key\")");

    [Test]
    public void FoldsAsync_FewRows_SaysHowMany() => Fails(
        [new RowKey(1, 1), new RowKey(1, 2)], row => row, new FoldRule(FoldKind.Stratified), "2 training rows cannot be", "more rows");

    [Test]
    public void FoldsAsync_ClassOfOneGroup_NamesTheFold() => Fails(
        [.. Enumerable.Range(0, 200).Select(row => new RowKey(1, (ulong)(row % 4)))],
        row => row % 4 == 0 ? 1 : 0,
        new FoldRule(FoldKind.Grouped),
        "rows of one class only: folds are divided by groups",
        "in more groups");

    [Test]
    public void FoldsAsync_ClassThatComesLate_NamesTheFold() => Fails(
        [.. Enumerable.Range(0, 200).Select(row => new RowKey(1, (ulong)row))],
        row => row > 150 ? 1 : 0,
        new FoldRule(FoldKind.Temporal, "at"),
        "Fold 1 of 3 would learn from rows of one class only: folds are divided by time",
        "over a longer time");

    private static void Fails(RowKey[] keys, Func<int, double> label, FoldRule rule, string problem, string remedy)
    {
        var rows = Tables.Batch("at:Timestamp\n" + string.Concat(
            keys.Select((_, i) => $"{new DateTime(2024, 1, 1).AddHours(i):yyyy-MM-dd HH:mm}\n")));
        var plan = PlanOf(training => training.Try(Trainers.LogisticRegression()).CrossValidate(3).Trials(0));
        var folds = new FoldAssembly(
            plan, PipelineRuns.Churn, Dataset.FromBatches(rows.Schema, [rows]), null, [.. keys.Select((_, i) => label(i))], keys, rule, 1);

        Assert.That(
            async () => await folds.FoldsAsync(null, _ => { }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(problem).And.Message.Contains(remedy));
    }

    private static TrainingPlan PlanOf(Action<TrainingBuilder> configure)
    {
        var builder = new TrainingBuilder();
        configure(builder);
        return builder.Build(TaskKind.BinaryClassification, [])!;
    }
}
