using System.Text.Json;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Problem;

[TestFixture]
public sealed class ProblemDefinitionTests
{
    [Test]
    public void Json_Definition_ReadsBackAsItWas()
    {
        var definition = new ProblemDefinition
        {
            Task = TaskKind.BinaryClassification, Label = "churn", PositiveClass = "Yes", Objective = "o", Costs = new ErrorCosts(1, 4),
            Owner = "me", Risk = RiskLevel.Limited, ProtectedAttributes = ["gender"], Baseline = "b",
        };

        var text = JsonSerializer.Serialize(definition, ProblemJson.Default.ProblemDefinition);
        var read = JsonSerializer.Deserialize(text, ProblemJson.Default.ProblemDefinition)!;

        Assert.That(read with { ProtectedAttributes = definition.ProtectedAttributes }, Is.EqualTo(definition));
        Assert.That(read.ProtectedAttributes, Is.EqualTo(definition.ProtectedAttributes));
        Assert.That(text, Does.Contain("\"task\":\"BinaryClassification\""), "names outlast numbers");
    }

    [Test]
    public void Json_WithoutWhatIsOptional_HasNoProtectedAttributes()
    {
        var read = JsonSerializer.Deserialize("""{"task":"Regression","label":"y"}""", ProblemJson.Default.ProblemDefinition)!;

        Assert.That(read.ProtectedAttributes, Is.Empty);
        Assert.That(
            (read.Task, read.Label, read.Costs, read.Risk),
            Is.EqualTo((TaskKind.Regression, "y", (ErrorCosts?)null, RiskLevel.Minimal)));
    }

    [Test]
    public void Json_WithoutALabel_IsRefused() => Assert.That(
        () => JsonSerializer.Deserialize("""{"task":"Regression"}""", ProblemJson.Default.ProblemDefinition),
        Throws.TypeOf<JsonException>().With.Message.Contains("label"));
}
