using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

[TestFixture]
public sealed class DeploymentBuilderTests
{
    private readonly DeploymentBuilder _builder = new();
    private readonly List<string> _mistakes = [];

    [Test]
    public void Build_Nothing_IsAMistake()
    {
        _builder.ReplaceOnlyWhenBetterBy(0.1).Build(_mistakes);

        Assert.That(_mistakes, Has.One.Contains("Call ToProcess() or To(…)"));
    }

    [Test]
    public async Task Build_Everything_IsInThePlan()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var own = new Target();
        var plan = _builder.ToProcess().To(own).ReplaceOnlyWhenBetterBy(0.02).ReplaceIncomparable().Build(_mistakes);
        var services = workspace.CreateDeploymentServices(PluginServices.None);

        Assert.That(_mistakes, Is.Empty);
        Assert.That(plan.Targets.Select(create => create(services)), Is.EqualTo(new IDeploymentTarget[] { workspace.Process, own }));
        Assert.That((plan.Margin, plan.ReplacesIncomparable, plan.Review), Is.EqualTo((0.02, true, (object?)null)));
    }

    [Test]
    public void Build_OneTarget_LeavesTheRestAtItsDefaults()
    {
        var plan = _builder.ToProcess().Build(_mistakes);

        Assert.That((plan.Margin, plan.ReplacesIncomparable, plan.Review), Is.EqualTo((0.0, false, (object?)null)));
    }

    [Test]
    public async Task To_Type_IsResolvedForEachRun()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var target = new Target();
        await using var services = new ServiceCollection().AddSingleton(target).BuildServiceProvider();
        var create = _builder.To<Target>().Build(_mistakes).Targets.Single();

        Assert.That(create(workspace.CreateDeploymentServices(services)), Is.SameAs(target));
        Assert.That(
            () => create(workspace.CreateDeploymentServices(PluginServices.None)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(nameof(Target)));
    }

    [TestCase(-0.01)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void ReplaceOnlyWhenBetterBy_NoMargin_IsRefused(double margin) => Assert.That(
        () => _builder.ReplaceOnlyWhenBetterBy(margin),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("margin"));

    [Test]
    public void To_Null_IsRefused() => Assert.That(() => _builder.To(null!), Throws.ArgumentNullException);

    private sealed class Target : IDeploymentTarget
    {
        public string Name => "target";

        public TargetCapabilities Capabilities { get; } = new();

        public ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("Nothing is deployed here.");

        public ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("Nothing is deployed here.");
    }
}
