using NUnit.Framework;

namespace MlOps.Sdk.Kubernetes.Tests;

/// <summary>Two versions of a model for all tests of a fixture, and an API server with the images of both for each test.</summary>
internal abstract class KubernetesFixture : TwoVersionsFixture
{
    protected Bench Bench { get; private set; } = null!;

    [SetUp]
    public void OpenBench() => Bench = NewBench();

    [TearDown]
    public async Task CloseBench() => await Bench.DisposeAsync();

    protected Bench NewBench()
    {
        var bench = new Bench();
        bench.Push(Workspace, First);
        bench.Push(Workspace, Second);
        return bench;
    }
}
