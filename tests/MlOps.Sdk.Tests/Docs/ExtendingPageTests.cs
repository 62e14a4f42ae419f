using System.Text.RegularExpressions;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The requirements of a plug-in are on the page, sentence by sentence, as its contract tests it.</summary>
[TestFixture]
public sealed partial class ExtendingPageTests
{
    [TestCase(typeof(DataSourceContract), "Data sources")]
    [TestCase(typeof(FeatureTransformContract), "Feature transforms")]
    [TestCase(typeof(TrainerContract), "Trainers")]
    [TestCase(typeof(DeploymentTargetContract), "Deployment targets")]
    [TestCase(typeof(DriftMonitorContract), "Drift monitors")]
    public void Sentences_OfAKind_AreTheTestsOfItsContract(Type contract, string heading)
    {
        var page = Documentation.Read(Path.Combine("docs", "extending", "testing.md"));
        var section = page.Split($"\n### {heading}\n")[1].Split("\n## ")[0].Split("\n### ")[0];

        var sentences = section.Split('\n').Where(line => line.StartsWith("- ", StringComparison.Ordinal)).ToArray();

        Assert.That(sentences.Where(line => !Sentence().IsMatch(line)), Is.Empty, "a sentence, then the test's name");
        Assert.That(
            sentences.Select(line => Sentence().Match(line).Groups[1].Value),
            Is.EquivalentTo(contract.GetMethods().Where(method => method.IsDefined(typeof(TestAttribute), inherit: true))
                .Select(method => method.Name)));
    }

    [GeneratedRegex(@"^- .{20,}[.*] `(\w+)`$")]
    private static partial Regex Sentence();
}
