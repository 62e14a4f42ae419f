using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

/// <summary>A store of one test, with a clock that the test moves.</summary>
internal abstract class StoreFixture
{
    protected TempFolder Folder { get; private set; } = null!;

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    protected RelationalStore Store { get; private set; } = null!;

    protected string DatabasePath => Folder["mlops.db"];

    [SetUp]
    public async Task OpenStore()
    {
        Folder = new TempFolder();
        Store = await OpenAsync();
    }

    [TearDown]
    public async Task CloseStore()
    {
        await Store.DisposeAsync();
        Folder.Dispose();
    }

    protected Task<RelationalStore> OpenAsync() => RelationalStore.OpenAsync(DatabasePath, Clock, NullLogger.Instance);

    protected static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items) list.Add(item);
        return list;
    }
}
