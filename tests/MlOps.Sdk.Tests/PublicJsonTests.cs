using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>What a web application answers with: public values survive the serializer as it is by default.</summary>
[TestFixture]
public sealed class PublicJsonTests
{
    private static readonly Type[] Types = [.. typeof(Workspace).Assembly.GetExportedTypes().Where(type => !type.IsNested)];

    // Numbers that are never undefined, or that are checked when they are given.
    private static readonly string[] Checked =
    [
        "AdditiveTerm", "ConfusionMatrix", "Decision", "DecisionTree", "ErrorCosts", "GroupWeights", "NumberHyperparameter",
        "IntegerHyperparameter", "RowKey", "ValidationRows",
    ];

    [Test]
    public void Serialize_Enum_IsItsName()
    {
        var enums = Types.Where(type => type.IsEnum).ToArray();
        Assert.That(enums, Has.Length.GreaterThan(20));
        foreach (var type in enums)
        {
            foreach (var value in Enum.GetValues(type))
            {
                var json = JsonSerializer.Serialize(value, type);

                Assert.That(json, Is.EqualTo($"\"{value}\""), type.Name);
                Assert.That(JsonSerializer.Deserialize(json, type), Is.EqualTo(value), type.Name);
            }
        }
    }

    [Test]
    public void Records_WithNumbersThatMayBeUndefined_SayThatNaNIsWritten()
    {
        var records = Types
            .Where(type => !type.IsEnum && type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance) is not null)
            .Where(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Where(property => property.CanWrite)
                .Any(property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(double)))
            .Where(type => !Checked.Contains(type.Name))
            .ToArray();

        Assert.That(records, Has.Length.GreaterThan(20));
        Assert.That(
            records.Where(type => type.GetCustomAttribute<JsonNumberHandlingAttribute>() is null).Select(type => type.Name), Is.Empty);
    }

    [Test]
    public void Serialize_PredictionId_IsItsText()
    {
        var id = PredictionId.New();
        var answers = new Dictionary<PredictionId, PredictionId?> { [id] = id, [PredictionId.FromKey("order 7")] = null };

        var json = JsonSerializer.Serialize(answers);

        Assert.That(json, Does.Contain($"\"{id}\":\"{id}\""));
        Assert.That(JsonSerializer.Deserialize<Dictionary<PredictionId, PredictionId?>>(json), Is.EqualTo(answers));
        Assert.That(
            JsonSerializer.Deserialize<PredictionId>(JsonSerializer.Serialize(default(PredictionId))), Is.EqualTo(default(PredictionId)));
    }

    [TestCase("7")]
    [TestCase("\"7\"")]
    [TestCase("{}")]
    [TestCase("null")]
    [TestCase("\"0123456789abcdef0123456789abcdeg\"")]
    public void Deserialize_TextThatIsNoPredictionId_IsRefused(string json) =>
        Assert.That(() => JsonSerializer.Deserialize<PredictionId>(json), Throws.TypeOf<JsonException>());

    [Test]
    public void TryParse_PredictionId_TellsWhetherItIsOne()
    {
        var id = PredictionId.New();

        Assert.That(PredictionId.TryParse(id.ToString(), out var read), Is.True);
        Assert.That(read, Is.EqualTo(id));
        foreach (var text in new[] { null, "", "7", new string('g', 32), $" {id}", id.ToString()[..31] + " " })
        {
            Assert.That(PredictionId.TryParse(text, out read), Is.False, text);
            Assert.That(read, Is.EqualTo(default(PredictionId)));
        }
    }

    [Test]
    public void Serialize_ArtifactId_IsItsText()
    {
        var id = ArtifactId.Of([1, 2, 3]);

        Assert.That(JsonSerializer.Serialize(id), Is.EqualTo($"\"{id.Hex}\""));
        Assert.That(JsonSerializer.Deserialize<ArtifactId>($"\"{id.Hex}\""), Is.EqualTo(id));
        Assert.That(JsonSerializer.Serialize(default(ArtifactId)), Is.EqualTo("\"\""));
        Assert.That(JsonSerializer.Deserialize<ArtifactId>("\"\""), Is.EqualTo(default(ArtifactId)));
        Assert.That(() => JsonSerializer.Deserialize<ArtifactId>("\"12\""), Throws.TypeOf<JsonException>());
    }

    [Test]
    public void Serialize_ValuesWithoutANumber_AreReadBack()
    {
        var value = MetricValue.NotDefined("There are no positive rows.");
        var measurement = new Measurement
        {
            Signal = Signal.DataDrift, Subject = "age", Statistic = "KS", Value = double.NaN, Effect = "PSI",
            EffectSize = double.PositiveInfinity, Material = 0.1,
        };
        var difference = new MetricDifference("roc_auc", value, value, double.NaN, double.NaN, double.NaN, 0.95, double.NaN, "undefined");
        var finding = new MonitoringFinding("data drift", measurement, double.NaN, MonitoringVerdict.NotEnoughData);

        Assert.That(Read(value), Is.EqualTo(value));
        Assert.That(Read(measurement), Is.EqualTo(measurement));
        Assert.That(Read(difference), Is.EqualTo(difference));
        Assert.That(Read(finding), Is.EqualTo(finding));
        Assert.That(
            JsonSerializer.Serialize(finding),
            Does.Contain("\"Verdict\":\"NotEnoughData\"").And.Contains("\"Signal\":\"DataDrift\""));

        static T Read<T>(T value) => JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value))!;
    }
}
