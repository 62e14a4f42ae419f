using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Hosting;

[TestFixture]
public sealed class MlOpsOptionsTests
{
    [Test]
    public void Bind_Nothing_HasTheDefaults()
    {
        var options = Bind([]);

        Assert.That(
            (options.Workspace, options.Actor, options.RunAtStart, options.CheckInterval, options.TrainingThreads),
            Is.EqualTo((".mlops", (string?)null, false, (TimeSpan?)null, (int?)null)));
    }

    [Test]
    public void Bind_EverySetting_IsTakenFromTheConfiguration()
    {
        var options = Bind(new()
        {
            ["Workspace"] = "/data/models",
            ["Actor"] = "scheduler",
            ["RunAtStart"] = "true",
            ["CheckInterval"] = "00:05:00",
            ["TrainingThreads"] = "2",
        });

        Assert.That(
            (options.Workspace, options.Actor, options.RunAtStart, options.CheckInterval, options.TrainingThreads),
            Is.EqualTo(("/data/models", "scheduler", true, (TimeSpan?)TimeSpan.FromMinutes(5), (int?)2)));
    }

    [Test]
    public void Bind_RunsAndTheirLogs_AreTakenFromTheConfiguration()
    {
        var defaults = Bind([]);
        var options = Bind(new()
        {
            ["RunConcurrency"] = "Wait",
            ["RunLogLevel"] = "Debug",
            ["RunLogEntries"] = "5000",
            ["RunLogBytes"] = "262144",
        });

        Assert.That(
            (defaults.RunConcurrency, defaults.RunLogLevel, defaults.RunLogEntries, defaults.RunLogBytes),
            Is.EqualTo((RunConcurrency.Allow, LogLevel.Information, 2_000, 1 << 20)));
        Assert.That(
            (options.RunConcurrency, options.RunLogLevel, options.RunLogEntries, options.RunLogBytes),
            Is.EqualTo((RunConcurrency.Wait, LogLevel.Debug, 5_000, 262_144)));
    }

    [TestCase("CheckIntervall", "CheckInterval")]
    [TestCase("runatstarts", "RunAtStart")]
    [TestCase("Workspce", "Did you mean 'Workspace'?")]
    [TestCase("Run_At_Start", "RunAtStart")]
    [TestCase("Colour", "The options are Workspace")]
    public void Validate_KeyThatIsNoOption_IsRefusedAndNamesTheNearest(string key, string says)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["MlOps:Workspace"] = "models", [$"MlOps:{key}"] = "1", ["Logging:Level"] = "x" }).Build();
        using var services = Services(configuration);

        Assert.That(
            () => services.GetRequiredService<IOptions<MlOpsOptions>>().Value,
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains($"MlOps:{key}").And.Message.Contains(says)
                .And.Message.Not.Contains("Logging"));
    }

    [Test]
    public void Validate_KeysBelowAnOption_AreRefused()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["MlOps:checkinterval:Minutes"] = "5", ["MlOps:Workspace:0"] = "models" }).Build();
        using var services = Services(configuration);

        Assert.That(
            () => services.GetRequiredService<IOptions<MlOpsOptions>>().Value,
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("'MlOps:checkinterval:Minutes'")
                .And.Message.Contains("'MlOps:Workspace:0'").And.Message.Contains("single value"));
    }

    [Test]
    public void Validate_AddedBySeveralModules_SaysEachMistakeOnce()
    {
        var services = new ServiceCollection();
        services.AddMlOps(options => options.ConcurrentRuns = 0);
        services.AddMlOps();
        using var provider = services.BuildServiceProvider();

        var failure = Assert.Throws<OptionsValidationException>(() => _ = provider.GetRequiredService<IOptions<MlOpsOptions>>().Value)!;

        Assert.That(failure.Failures.ToArray(), Has.Length.EqualTo(1).And.All.Contain(nameof(MlOpsOptions.ConcurrentRuns)));
    }

    [Test]
    public void Validate_AnotherCulture_HasTheSameRanges()
    {
        var before = CultureInfo.CurrentCulture;
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        other.NumberFormat.NumberDecimalSeparator = ",";
        other.DateTimeFormat.TimeSeparator = ".";
        CultureInfo.CurrentCulture = other;
        try
        {
            Assert.That(() => Bind(new() { ["PromotionInterval"] = "00:00:00.1", ["CheckInterval"] = "30.00:00:00" }), Throws.Nothing);
            Assert.That(() => Bind(new() { ["PromotionInterval"] = "00:00:00.09" }), Throws.TypeOf<OptionsValidationException>());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestCase("Workspace", "")]
    [TestCase("CheckInterval", "-00:05:00")]
    [TestCase("PromotionInterval", "00:00:00")]
    [TestCase("PromotionInterval", "10675199.02:48:05.4775807")]
    [TestCase("ConcurrentRuns", "0")]
    [TestCase("ConcurrentRuns", "65")]
    [TestCase("CheckInterval", "00:00:00.5")]
    [TestCase("CheckInterval", "30.00:00:01")]
    [TestCase("TrainingThreads", "0")]
    [TestCase("TrainingThreads", "1025")]
    [TestCase("RunConcurrency", "3")]
    [TestCase("RunLogLevel", "9")]
    [TestCase("RunLogEntries", "15")]
    [TestCase("RunLogBytes", "262143")]
    public void Bind_SettingOutOfRange_NamesIt(string name, string value) => Assert.That(
        () => Bind(new() { [name] = value }),
        Throws.TypeOf<OptionsValidationException>().With.Message.Contains(name));

    [TestCase("CheckInterval", "00:00:01")]
    [TestCase("CheckInterval", "30.00:00:00")]
    [TestCase("TrainingThreads", "1")]
    [TestCase("TrainingThreads", "1024")]
    public void Bind_SettingAtTheEndOfItsRange_IsTaken(string name, string value) =>
        Assert.That(() => Bind(new() { [name] = value }), Throws.Nothing);

    [Test]
    public void Bind_AnotherCase_IsTaken() => Assert.That(Bind(new() { ["workspace"] = "x" }).Workspace, Is.EqualTo("x"));

    private static ServiceProvider Services(IConfiguration configuration)
    {
        var services = new ServiceCollection();
        services.AddMlOps(configuration.GetSection("MlOps"));
        return services.BuildServiceProvider();
    }

    private static MlOpsOptions Bind(Dictionary<string, string?> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var services = new ServiceCollection();
        services.AddMlOps(configuration);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<MlOpsOptions>>().Value;
    }
}
