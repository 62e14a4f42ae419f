using System.Reflection;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>No built-in without its contract: what the fixtures really create is compared with what the core implements.</summary>
[TestFixture]
public sealed class ContractCoverageTests
{
    private static readonly (Type Implemented, Type Contract)[] Contracts =
    [
        (typeof(IDataSource), typeof(DataSourceContract)),
        (typeof(IRowProcessor), typeof(RowProcessorContract)),
        (typeof(IFeatureTransform), typeof(FeatureTransformContract)),
        (typeof(ITrainer), typeof(TrainerContract)),
        (typeof(IRowTrainer), typeof(RowTrainerContract)),
        (typeof(IMetric), typeof(MetricContract)),
        (typeof(IHypothesis), typeof(HypothesisContract)),
        (typeof(ISplitter), typeof(SplitterContract)),
        (typeof(IExpectation), typeof(ExpectationContract)),
        (typeof(IDriftMonitor), typeof(DriftMonitorContract)),
        (typeof(IDeploymentTarget), typeof(DeploymentTargetContract)),
        (typeof(IDataSink), typeof(DataSinkContract)),
        (typeof(IAlertSink), typeof(AlertSinkContract)),
        (typeof(IArtifactStore), typeof(ArtifactStoreContract)),
        (typeof(IObjectStore), typeof(ObjectStoreContract)),
    ];

    [TestCaseSource(nameof(Contracts))]
    public async Task BuiltIns_OfAContract_AreAllCreatedByItsFixtures((Type Implemented, Type Contract) pair)
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        var covered = new HashSet<Type>();
        foreach (var fixture in typeof(ContractCoverageTests).Assembly
            .GetTypes()
            .Where(type => type.IsSubclassOf(pair.Contract) && !type.IsAbstract))
        {
            foreach (var arguments in ArgumentsOf(fixture))
            {
                var instance = Activator.CreateInstance(fixture, arguments)!;
                var created = await CreateAsync(instance, temporary.Workspace);
                covered.Add(Definition(created.GetType()));
                foreach (var tearDown in fixture.GetMethods().Where(method => method.IsDefined(typeof(TearDownAttribute))))
                {
                    if (tearDown.Invoke(instance, null) is Task done) await done;
                }
            }
        }

        var builtIn = typeof(Workspace).Assembly
            .GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(pair.Implemented))
            .Select(Definition);

        Assert.That(builtIn.Except(covered), Is.Empty, $"Add a fixture that derives from {pair.Contract.Name}.");
        Assert.That(covered, Is.Not.Empty);
    }

    [Test]
    public void Contracts_OfTheKit_AreAllInTheList() => Assert.That(
        typeof(DataSourceContract).Assembly
            .GetExportedTypes()
            .Where(type => type.IsAbstract && type.Name.EndsWith("Contract", StringComparison.Ordinal))

            // Its fixtures need servers, and create tables there instead of a built-in.
            .Where(type => type != typeof(WarehouseDialectContract)),
        Is.EquivalentTo(Contracts.Select(pair => pair.Contract)));

    private static IEnumerable<object[]> ArgumentsOf(Type fixture)
    {
        var source = fixture.GetCustomAttribute<TestFixtureSourceAttribute>();
        return source is null
            ? [[]]
            : ((IEnumerable<string>)fixture.GetProperty(source.SourceName!)!.GetValue(null)!).Select(name => new object[] { name });
    }

    private static async Task<object> CreateAsync(object fixture, Workspace workspace)
    {
        var create = fixture
            .GetType()
            .GetMethods(BindingFlags.NonPublic | BindingFlags.Instance)
            .Single(method => method.Name is "Create" or "CreateAsync");
        var created = create.Invoke(fixture, create.GetParameters().Length == 0 ? null : [workspace])!;
        return created is ValueTask<IDataSource> source ? await source : created;
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;
}
