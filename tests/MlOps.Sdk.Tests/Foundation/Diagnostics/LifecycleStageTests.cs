using NUnit.Framework;

namespace MlOps.Sdk.Tests.Diagnostics;

[TestFixture]
public sealed class LifecycleStageTests
{
    // The numbers are stored.
    [Test]
    public void Values_Stages_AreNineInTheOrderOfTheLifecycle() => Assert.That(
        Enum.GetValues<LifecycleStage>().Select(stage => $"{(int)stage} {stage}"),
        Is.EqualTo(new[]
        {
            "1 Problem", "2 Collection", "3 Processing", "4 Metrics", "5 Exploration", "6 Features", "7 Training", "8 Deployment",
            "9 Monitoring"
        }));
}
