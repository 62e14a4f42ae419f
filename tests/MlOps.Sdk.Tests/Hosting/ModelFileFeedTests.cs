using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Tests.Training;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class ModelFileFeedTests
{
    private const string Good = """{"monthly":0.7,"yearly":0.3}""";

    [Test]
    public async Task Host_FollowsAFile_ImportsItAndItsSuccessorAndKeepsWhatIsLiveWhenItIsDamaged()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "model.json");
        await File.WriteAllTextAsync(file, Good);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddMlOps(options => options.Workspace = Path.Combine(folder.Path, "workspace"))
            .AddReader(new Reader())
            .AddEndpoint<Row, double>("subscribers", endpoint => endpoint.From(new ModelFileFeed(file, ImportAsync, watch: true)));
        using var host = builder.Build();
        await host.StartAsync();
        var workspace = host.Services.GetRequiredService<Workspace>();
        var endpoint = host.Services.GetRequiredKeyedService<IEndpoint<Row, double>>("subscribers");
        Assert.That(endpoint.Predict(new Row("monthly")).Value, Is.EqualTo(0.7));

        // A file that is damaged, then one that is better, put in place by a rename.
        await File.WriteAllTextAsync(file, "{");
        await UntilAsync(time, () => Task.FromResult(_failures > 0));
        Assert.That(endpoint.Predict(new Row("monthly")).Version, Is.EqualTo(1));
        var next = file + ".next";
        await File.WriteAllTextAsync(next, """{"monthly":0.7,"yearly":0.3,"other":0.5}""");
        File.Move(next, file, overwrite: true);
        await UntilAsync(time, async () => (await workspace.Models.ListAsync("subscribers")).Count == 2);

        // Both answer alike on these rows, so the first stays.
        Assert.That(endpoint.Predict(new Row("monthly")).Version, Is.EqualTo(1));
        await host.StopAsync();
    }

    [Test]
    public async Task Host_FileThatIsMissing_DoesNotStart()
    {
        using var folder = new TempFolder();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMlOps(options => options.Workspace = Path.Combine(folder.Path, "workspace"))
            .AddEndpoint<Row, double>(
                "subscribers", endpoint => endpoint.From(new ModelFileFeed(Path.Combine(folder.Path, "none.json"), ImportAsync)));
        using var host = builder.Build();

        Assert.That(() => host.StartAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("There is no file 'none.json'"));
    }

    private static int _failures;

    private static async Task ImportAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Path.GetDirectoryName(workspace.Path)!, "model.json");
        await workspace.Models.ImportAsync(
            "subscribers",
            async (_, token) =>
            {
                try
                {
                    var rates = JsonSerializer.Deserialize<Dictionary<string, double>>(await File.ReadAllTextAsync(file, token))!;
                    return new RateByPlanModel(new Field("plan", ColumnType.Text), rates, 0.5);
                }
                catch (JsonException)
                {
                    Interlocked.Increment(ref _failures);
                    throw;
                }
            },
            import => import
                .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .Judge(DataSources.Objects(Subscriber.Draw(400, seed: 5), "judge")),
            cancellationToken);
    }

    // The host's own work is waited for by moving the clock until it has been done.
    private static async Task UntilAsync(FakeTimeProvider time, Func<Task<bool>> done)
    {
        for (var i = 0; !await done(); i++)
        {
            Assert.That(i, Is.LessThan(20_000), "The host does not notice the file.");
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }
    }

    private sealed record Row(string Plan);

    private sealed class Reader : IFormatReader<IRowModel>
    {
        public string FormatId => RateByPlanModel.Format;

        public IRowModel Read(ReadOnlyMemory<byte> bytes) => RateByPlanModel.Read(bytes);
    }
}
