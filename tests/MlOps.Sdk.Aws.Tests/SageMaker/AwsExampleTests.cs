using AwsExample;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>The example says what it would create, and creates it only when it is told to.</summary>
[TestFixture]
public sealed class AwsExampleTests
{
    [Test]
    public async Task RunAsync_PlanThenApply_CreatesOnlyWhatWasSaid()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        await using var bench = new Bench();
        await BlessedModels.CreateAsync(temporary.Workspace, "churn");
        using var target = bench.Create(temporary.Workspace, options => options.InstanceCount = 3);
        var desired = await SageMakerDeployment.FindAsync(temporary.Workspace, "churn");

        var plan = await RunAsync(applies: false);

        Assert.That(bench.SageMaker.CallNames.All(name => name.StartsWith("Describe", StringComparison.Ordinal)), Is.True);
        Assert.That(bench.S3.Requests, Is.Empty);
        Assert.That(plan, Does.Contain("create the endpoint").And.Contain("3 × ml.m5.large per variant").And.Contain(Bench.Role)
            .And.Contain("Nothing was created").And.Match(@"archive +s3://models/sagemaker/churn/v1-"));

        var done = await RunAsync(applies: true);

        Assert.That(done, Does.Contain("The endpoint serves version 1"));
        foreach (var name in bench.SageMaker.Models.Keys.Concat(bench.SageMaker.Configurations.Keys)) Assert.That(plan, Does.Contain(name));
        Assert.That(await RunAsync(applies: false), Does.Contain("none; the version is served").And.Contain("there already"));

        async Task<string> RunAsync(bool applies)
        {
            await using var output = new StringWriter();
            await SageMakerDeployment.RunAsync(target, desired, "models", applies, output);
            return output.ToString();
        }
    }

    [TestCase(".mlops churn --bucket b --role r --image i --count 2", false)]
    [TestCase(".mlops churn --bucket b --role r --image i --apply", true)]
    public void Read_Arguments_AreUnderstood(string line, bool applies)
    {
        var settings = Settings.Read(line.Split(' '), _ => "key", out var problem);

        Assert.That((settings?.Applies, problem), Is.EqualTo(((bool?)applies, "")));
        Assert.That(Settings.Read(line.Split(' '), _ => null, out problem), Is.Null, "nobody signs");
        Assert.That(problem, Does.Contain("MLOPS_SIGNING_KEY is not set"));
    }

    [TestCase(".mlops churn --bucket b --role r", "'--image' is missing")]
    [TestCase(".mlops churn --bucket b --role r --image i --aply", "'--aply' is no option")]
    [TestCase(".mlops churn --bucket b --role r --image", "'--image' has no value")]
    [TestCase(".mlops churn --bucket b --role r --image i --count many", "'many' after --count")]
    [TestCase(".mlops --bucket b --role r --image i", "there are 1")]
    public void Read_ArgumentsThatAreNotUnderstood_SaysWhy(string line, string said)
    {
        Assert.That(Settings.Read(line.Split(' '), _ => "key", out var problem), Is.Null);
        Assert.That(problem, Does.Contain(said));
    }
}
