using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Statistics;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Exploration.ExploredRows;

namespace MlOps.Sdk.Tests.Exploration;

public sealed class LeakageTests
{
    [Test]
    public void Run_LabelsThatAlternate_MakeNoTextSuspicious()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("colour", ColumnType.Text), new Field("churn", ColumnType.Text)));
        var random = new SeededRandom(4);
        for (var i = 0; i < 400; i++)
        {
            ((TextColumnBuilder)builder[0]).Append($"colour {random.Next(5)}");
            ((TextColumnBuilder)builder[1]).Append(i % 2 == 0 ? "Yes" : "No");
        }

        var report = Run(Dataset.FromBatches(builder.Schema, [builder.Build()]));
        Assert.That(report.LeakageSuspects, Is.Empty);
        Assert.That(report.Associations.Single().Value, Is.LessThan(0.65));
    }

    [Test]
    public void Run_PredictedAt_SuspectsColumnsWithLaterTimes()
    {
        var report = ExplorationAnalysis.Run(Visits(), Churn, [], Correction.Holm, 0.05, "signed_up", default);
        var suspect = report.LeakageSuspects.Single(each => each.Reason == LeakageReason.LaterThanPrediction);
        Assert.That((suspect.Column, suspect.Rows, suspect.Strength), Is.EqualTo(("cancelled", 50L, 0.5)));
        Assert.That(suspect.Sentence, Is.EqualTo(
            "cancelled lies after signed_up in 50 of 100 rows (50 %), in the middle by 30 days: " +
            "when the prediction is made, it is not known yet."));
        Assert.That(ExplorationReport.FromJson(report.ToJson()).PredictedAt, Is.EqualTo("signed_up"));
        Assert.That(report.ToHtml(), Does.Contain("cancelled lies after signed_up"));
        Assert.That(
            ExplorationAnalysis.Run(Visits(), Churn, [], Correction.Holm, 0.05, null, default).LeakageSuspects.Select(each => each.Reason),
            Has.None.EqualTo(LeakageReason.LaterThanPrediction));
    }

    [TestCase("signed_upp", "did you mean 'signed_up'")]
    [TestCase("churn", "Text")]
    public void Run_PredictedAtNoTimes_SaysWhatToDo(string column, string says) =>
        Assert.That(
            () => ExplorationAnalysis.Run(Visits(), Churn, [], Correction.Holm, 0.05, column, default),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(says).IgnoreCase);
}
