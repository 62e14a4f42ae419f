using Acme;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The code of the page of Microsoft.ML about data, run.</summary>
[TestFixture]
public sealed class ExchangedDataTests
{
    private static string Csv => Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv");

    [Test]
    public async Task TrainAndJudge_OfTheChurnTable_ReadsMissingValuesAndLearns()
    {
        using var output = new StringWriter();

        var auc = ExchangedData.TrainAndJudge(await DataSources.Csv(Csv).ReadAllAsync(), output);

        Assert.That(auc.Value, Is.InRange(0.75, 0.95));
        Assert.That(output.ToString(), Is.Empty, "only numbers are missing, which ML.NET can say");
    }

    [Test]
    public async Task CountAsync_OfTheChurnTable_CountsItsRows() =>
        Assert.That(await ExchangedData.CountAsync(Csv, CancellationToken.None), Is.EqualTo(7043));

    [Test]
    public async Task Legacy_OfAView_IsCollected()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var rows = await DataSources.Csv(Csv).ReadAllAsync();

        var run = await LifecycleBuilder.Create("legacy")
            .CollectData(data => ExchangedData.Legacy(data, rows.AsDataView()))
            .Build()
            .RunAsync(workspace);

        Assert.That(run.Collection!.Rows, Is.EqualTo(7043));
    }
}
