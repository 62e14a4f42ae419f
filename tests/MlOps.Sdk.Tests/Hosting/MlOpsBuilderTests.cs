using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Hosting;

[TestFixture]
public sealed class MlOpsBuilderTests
{
    private readonly ServiceCollection _services = [];

    [Test]
    public async Task AddMlOps_SeveralTimes_IsOneServiceWithTheOptionsOfAll()
    {
        _services.AddMlOps(options => options.Actor = "first");
        _services.AddMlOps(options => options.TrainingThreads = 3);
        await using var provider = _services.BuildServiceProvider();

        var hosted = provider.GetServices<IHostedService>().OfType<MlOpsHostedService>().ToArray();

        Assert.That(hosted, Is.EqualTo(new[] { provider.GetRequiredService<MlOpsHostedService>() }));
        var options = provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<MlOpsOptions>>().Value;
        Assert.That((options.Actor, options.TrainingThreads), Is.EqualTo(("first", (int?)3)));
    }

    [Test]
    public void AddLifecycle_Name_IsTheKeyOfOneInstance()
    {
        var built = 0;
        _services.AddMlOps().AddLifecycle("churn", lifecycle =>
        {
            built++;
            Collect(lifecycle);
        }).AddLifecycle("prices", Collect);
        using var provider = _services.BuildServiceProvider();
        Assert.That(built, Is.Zero, "it is built when it is needed");

        var churn = provider.GetRequiredKeyedService<Lifecycle>("churn");

        Assert.That((churn.Name, built), Is.EqualTo(("churn", 1)));
        Assert.That(provider.GetRequiredKeyedService<Lifecycle>("churn"), Is.SameAs(churn));
        Assert.That(provider.GetRequiredKeyedService<Lifecycle>("prices"), Is.Not.SameAs(churn));
    }

    [Test]
    public void AddLifecycle_WrongArguments_AreRefused()
    {
        var builder = _services.AddMlOps().AddLifecycle("churn", Collect);

        Assert.Multiple(() =>
        {
            Assert.That(
                () => builder.AddLifecycle("churn", Collect),
                Throws.Exception.With.Message.Contains("'churn'").And.Message.Contains("twice"));
            Assert.That(() => builder.AddLifecycle("Not a name", Collect), Throws.ArgumentException);
            Assert.That(() => builder.AddLifecycle("prices", (Action<LifecycleBuilder>)null!), Throws.ArgumentNullException);
        });
    }

    [Test]
    public async Task AddEndpoint_Model_IsTheKeyAndAnswersWhenTheHostHasStarted()
    {
        _services.AddMlOps().AddEndpoint<UnlabelledSubscriber, Answer>("churn");
        await using var provider = _services.BuildServiceProvider();

        var endpoint = provider.GetRequiredKeyedService<IEndpoint<UnlabelledSubscriber, Answer>>("churn");

        Assert.That(endpoint.Name, Is.EqualTo("churn"));
        Assert.That(
            () => endpoint.Predict(new(30, 40, "monthly", true)),
            Throws.TypeOf<ModelNotLiveException>().With.Message.Contains("not open yet"));
        Assert.That(endpoint.IsLive, Is.False);
    }

    [Test]
    public async Task AddLifecycle_WithServices_IsConfiguredByThem()
    {
        _services.AddSingleton(Subscriber.Draw(10, 1));
        _services.AddMlOps().AddLifecycle("churn", (services, lifecycle) => lifecycle
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(services.GetRequiredService<Subscriber[]>())));
        await using var provider = _services.BuildServiceProvider(validateScopes: true);

        Assert.That(provider.GetRequiredKeyedService<Lifecycle>("churn").Name, Is.EqualTo("churn"));
    }

    [Test]
    public void AddEndpoint_Twice_IsRefusedAndNamesIt()
    {
        var builder = _services.AddMlOps().AddEndpoint<UnlabelledSubscriber, Answer>("churn");

        Assert.That(
            () => builder.AddEndpoint<UnlabelledSubscriber, Answer>("churn"),
            Throws.InvalidOperationException.With.Message.Contains("'churn'").And.Message.Contains("twice"));
        Assert.That(() => builder.AddEndpoint<UnlabelledSubscriber, double>("churn"), Throws.Nothing, "another answer of the same model");
    }

    [Test]
    public async Task AddEndpoint_TypesWithoutKey_AreInjectedWhileOneEndpointHasThem()
    {
        _services.AddMlOps().AddEndpoint<UnlabelledSubscriber, Answer>("churn").AddEndpoint<UnlabelledSubscriber, double>("a")
            .AddEndpoint<UnlabelledSubscriber, double>("b");
        await using var provider = _services.BuildServiceProvider();

        Assert.That(
            provider.GetRequiredService<IEndpoint<UnlabelledSubscriber, Answer>>(),
            Is.SameAs(provider.GetRequiredKeyedService<IEndpoint<UnlabelledSubscriber, Answer>>("churn")));
        Assert.That(
            () => provider.GetRequiredService<IEndpoint<UnlabelledSubscriber, double>>(),
            Throws.InvalidOperationException.With.Message.Contains("'a' or of 'b'").And.Message.Contains("FromKeyedServices"));
    }

    [Test]
    public async Task AddReader_Reader_IsKnownToTheWorkspace()
    {
        using var folder = new TempFolder();
        _services.AddMlOps(options => options.Workspace = folder.Path).AddReader(new TextReader());
        await using var provider = _services.BuildServiceProvider();
        await provider.GetRequiredService<MlOpsHostedService>().StartAsync(CancellationToken.None);

        Assert.That(provider.GetRequiredService<Workspace>().Readers.Read<string>("tests.text/1", "abc"u8.ToArray()), Is.EqualTo("abc"));
    }

    [Test]
    public void AddReader_Twice_IsRefusedAndNamesIt()
    {
        var builder = _services.AddMlOps().AddReader(new TextReader());

        Assert.That(
            () => builder.AddReader(new TextReader()),
            Throws.InvalidOperationException.With.Message.Contains("'tests.text/1' is added twice"));
    }

    [Test]
    public void Verbs_NullOrEmpty_AreRefused()
    {
        var builder = _services.AddMlOps();

        Assert.Multiple(() =>
        {
            Assert.That(() => builder.AddEndpoint<UnlabelledSubscriber, Answer>(" "), Throws.ArgumentException);
            Assert.That(() => builder.AddReader<string>(null!), Throws.ArgumentNullException);
            Assert.That(() => ((IServiceCollection)null!).AddMlOps(), Throws.ArgumentNullException);
            Assert.That(() => _services.AddMlOps((IConfiguration)null!), Throws.ArgumentNullException);
        });
    }

    private static void Collect(LifecycleBuilder lifecycle) => lifecycle
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromObjects(Subscriber.Draw(10, 1)));

    private sealed class TextReader : IFormatReader<string>
    {
        public string FormatId => "tests.text/1";

        public string Read(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);
    }
}
