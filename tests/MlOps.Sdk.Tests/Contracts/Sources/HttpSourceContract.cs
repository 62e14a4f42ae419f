using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Collection;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class HttpSourceContract : DataSourceContract
{
    private readonly LoopbackServer _server = new(head =>
        LoopbackServer.Ok(Encoding.UTF8.GetBytes("id,name\n" + string.Concat(
            Enumerable.Range(0, head.Contains("other", StringComparison.Ordinal) ? 8 : 9).Select(i => $"{i},n{i % 3}\n")))));

    [TearDown]
    public Task StopServer() => _server.DisposeAsync().AsTask();

    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(Http("first"));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(Http("other"));

    private IDataSource Http(string name) =>
        DataSources.Http(new Uri($"http://{_server.Address}/{name}.csv"), file => DataSources.Csv(file));
}
