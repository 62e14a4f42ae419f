using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class ScoresTests
{
    // Of rows that were held back, the number within the fold would name another row.
    [Test]
    public void Read_ScoreThatIsNoNumber_NamesTheTrainingRow()
    {
        var features = TrainingRows.Features(5);
        var view = new TrainingView(features, new double[5], default, TaskKind.Regression, 1, default);
        var ml = new MLContext(seed: 1);
        var fitted = ml.Transforms.CustomMapping<Labelled, Scored>((from, to) => to.Score = float.NaN, null).Fit(view);

        Assert.That(() => Scores.Read(fitted, view), Throws.InstanceOf<MlOpsException>().With.Message.Contains("training row 0"));
        Assert.That(
            () => Scores.Read(fitted, view, numbers: [17, 3, 4, 5, 6]),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("training row 17"));
    }

    private sealed class Labelled
    {
        [ColumnName("Label")]
        public float Label { get; set; }
    }

    private sealed class Scored
    {
        public float Score { get; set; }
    }
}
