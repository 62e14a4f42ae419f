using System.IO.Compression;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Compatibility;

/// <summary>A workspace that version 0.1 wrote, read and gone on with by this version.</summary>
[TestFixture]
public sealed class EarlierWorkspaceTests
{
    private TempFolder _folder = null!;
    private ExpectedWorkspace _expected = null!;
    private Workspace _workspace = null!;

    private string Table => _folder["customers.csv"];

    [SetUp]
    public async Task OpenCopy()
    {
        var source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Compatibility", "workspace-0.1");
        _folder = new TempFolder();
        await ZipFile.ExtractToDirectoryAsync(Path.Combine(source, "workspace.zip"), _folder.Path);
        _expected = ExpectedWorkspace.Read(Path.Combine(source, "expected.json"));
        _workspace = await Workspace.OpenAsync(_folder["workspace"]);
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase(EarlierLifecycle.Linear)]
    [TestCase(EarlierLifecycle.Trees)]
    public async Task Predict_ModelOfEarlierVersion_GivesTheSameBits(string name)
    {
        var expected = _expected.ModelOf(name);
        var rows = await RowsAsync(expected.ScoreBits.Count);

        var version = await _workspace.ServeAsync(name);
        var answers = rows.Select(row => _workspace.Endpoint(name).Predict(row).Value).ToList();

        Assert.Multiple(() =>
        {
            Assert.That(version, Is.EqualTo(expected.Version));
            Assert.That(answers.Select(answer => BitConverter.DoubleToInt64Bits(answer.Score)), Is.EqualTo(expected.ScoreBits));
            Assert.That(answers.Select(answer => answer.Label), Is.EqualTo(expected.Labels));
        });
    }

    [TestCase(EarlierLifecycle.Linear)]
    [TestCase(EarlierLifecycle.Trees)]
    public async Task Runs_OfEarlierVersion_AreListedWithTheirStates(string name)
    {
        var expected = _expected.ModelOf(name);

        var run = (await _workspace.Runs.ListAsync(name)).Single();

        Assert.Multiple(() =>
        {
            Assert.That(run.Id, Is.EqualTo(expected.Run));
            Assert.That(run.State.ToString(), Is.EqualTo(expected.State));
            Assert.That(run.Stages.Select(stage => stage.State.ToString()), Is.EqualTo(expected.Stages));
        });
    }

    [Test]
    public async Task CollectedRows_OfEarlierVersion_AreThoseOfTheFile()
    {
        var file = await DataSources.Csv(Table).ReadAllAsync();

        var kept = await (await _workspace.CollectedRowsAsync(_expected.Linear.Run)).ReadAllAsync();

        Assert.Multiple(() =>
        {
            Assert.That(kept.RowCount, Is.EqualTo(_expected.Linear.CollectedRows));
            Assert.That(kept.Schema.ToString(), Is.EqualTo(file.Schema.ToString()));
            foreach (var (column, index) in kept.Columns.Select((column, index) => (column, index)))
                Assert.That(Texts(column), Is.EqualTo(Texts(file.Columns[index])), kept.Schema[index].Name);
        });
    }

    [Test]
    public async Task Audit_OfEarlierVersion_Verifies()
    {
        var verification = await _workspace.Audit.VerifyAsync(_expected.Audit.HeadHash);

        Assert.Multiple(() =>
        {
            Assert.That(verification.IsIntact, Is.True, verification.Problem);
            Assert.That(verification.Entries, Is.EqualTo(_expected.Audit.Entries));
            Assert.That(verification.HeadHash, Is.EqualTo(_expected.Audit.HeadHash));
        });
    }

    [TestCase(EarlierLifecycle.Linear)]
    [TestCase(EarlierLifecycle.Trees)]
    public async Task Monitor_OfEarlierVersion_KeepsReportsPredictionsAndLabels(string name)
    {
        var monitor = _workspace.Monitor(name);

        var report = (await monitor.ReportsAsync()).Single();
        var receipt = await monitor.LabelAsync(
        [
            new(PredictionId.FromKey("customer-0"), "No"),
            new(PredictionId.FromKey("customer-1"), "No"),
            new(PredictionId.FromKey("nobody"), "No"),
        ]);
        var predictions = new List<double>();
        await foreach (var stored in _workspace.MonitoringServices.Predictions.ReadPredictionsAsync(name))
            predictions.Add(stored.Prediction.Score);

        Assert.Multiple(() =>
        {
            Assert.That(
                report.Findings.Select(finding => $"{finding.Measurement.Signal} {finding.Verdict}"),
                Is.EqualTo(_expected.ModelOf(name).Findings));
            Assert.That((receipt.Unchanged, receipt.Added, receipt.Changed), Is.EqualTo((1, 1, 0)), "one label was told before");
            Assert.That(receipt.Unmatched, Is.EqualTo(new[] { PredictionId.FromKey("nobody") }));
            Assert.That(predictions.Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(_expected.ModelOf(name).ScoreBits));
        });
    }

    [TestCase(EarlierLifecycle.Linear)]
    [TestCase(EarlierLifecycle.Trees)]
    public async Task Run_EqualLifecycleOfEarlierVersion_RunsAgainBesideTheEarlierRun(string name)
    {
        var rows = await RowsAsync(1);

        var run = await EarlierLifecycle.Build(name, Table).RunAsync(_workspace);
        var runs = await _workspace.Runs.ListAsync(name);
        var versions = await _workspace.Models.ListAsync(name);
        var champion = await _workspace.Models.FindByAliasAsync(name, "champion");
        var answer = _workspace.Endpoint(name).Predict(rows[0]);
        var verification = await _workspace.Audit.VerifyAsync();

        Assert.Multiple(() =>
        {
            // What other code computed is not reused: it may be another result.
            Assert.That(run.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Succeeded).And.Exactly(9).Items);
            Assert.That(runs.Select(listed => listed.Id), Is.EquivalentTo(new[] { run.Id, _expected.ModelOf(name).Run }));

            // A package with the same content keeps its version; a trainer that has changed since makes the second one.
            Assert.That(run.Deployment!.Version, Is.EqualTo(versions.Max(version => version.Version)).And.InRange(1, 2));
            Assert.That(answer.Version, Is.EqualTo(champion!.Version));
            Assert.That(verification.IsIntact, Is.True, verification.Problem);
            Assert.That(verification.Entries, Is.GreaterThanOrEqualTo(_expected.Audit.Entries));
        });
    }

    private static IEnumerable<string?> Texts(Column column) => Enumerable.Range(0, column.Length).Select(column.GetText);

    private async Task<IReadOnlyList<Dictionary<string, object?>>> RowsAsync(int count)
    {
        var rows = await DataSources.Csv(Table).ReadAllAsync();
        return [.. Enumerable.Range(0, count).Select(row => rows.Columns
            .Select((column, index) => (rows.Schema[index].Name, Column: column))
            .Where(cell => cell.Name != "churn")
            .ToDictionary(cell => cell.Name, cell => ValueAt(cell.Column, row)))];
    }

    private static object? ValueAt(Column column, int row) =>
        column.IsNull(row) ? null : column.Type == ColumnType.Text ? column.GetText(row) : column.GetNumber(row);
}
