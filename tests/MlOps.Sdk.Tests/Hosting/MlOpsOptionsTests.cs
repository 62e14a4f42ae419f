using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
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

    [TestCase("Workspace", "")]
    [TestCase("CheckInterval", "00:00:00.5")]
    [TestCase("CheckInterval", "30.00:00:01")]
    [TestCase("TrainingThreads", "0")]
    [TestCase("TrainingThreads", "1025")]
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
