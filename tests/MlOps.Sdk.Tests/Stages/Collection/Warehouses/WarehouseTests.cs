using MlOps.Sdk.Collection;
using MlOps.Sdk.Tests.Contracts;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>What providers throw, and how queries end.</summary>
[TestFixture]
public sealed class WarehouseTests
{
    // Nothing listens there; the provider throws what its client of HTTP throws, and has no transactions.
    private static readonly ClickHouseServer Nowhere = new("http://127.0.0.1:1");

    [Test]
    public void ProfileAsync_ProviderThrowsNoDbException_IsAnErrorWithARemedy()
    {
        var table = new Warehouse(Nowhere, WarehouseDialects.ClickHouse).Table("orders");

        Assert.That(
            () => table.ProfileAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("orders").And.InnerException.TypeOf<HttpRequestException>());
    }

    [Test]
    public void ProfileAsync_ProviderHasNoTransactions_IsAnErrorWithARemedy()
    {
        var table = new Warehouse(Nowhere, WarehouseDialects.PostgreSql).Table("orders");

        Assert.That(
            () => table.ProfileAsync(), Throws.TypeOf<MlOpsException>().With.InnerException.TypeOf<NotSupportedException>());
    }

    [Test]
    public void SchemaAsync_CancelledMeanwhile_EndsAsCancelled()
    {
        var table = new Warehouse(Nowhere, WarehouseDialects.ClickHouse).Table("orders");

        Assert.That(() => table.SchemaAsync(new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("SELECT 1; -- end", "SELECT 1  -- end")]
    [TestCase("SELECT 1 ;;\n/* a; b */ ; ", "SELECT 1   \n/* a  b */   ")]
    [TestCase("SELECT ';' -- it's", "SELECT ';' -- it's")]
    [TestCase("SELECT 'a;--' AS \"b;\";", "SELECT 'a;--' AS \"b;\" ")]
    [TestCase("SELECT 'it''s; -- no comment'", "SELECT 'it''s; -- no comment'")]
    [TestCase("SELECT $$;$$; --;", "SELECT $$;$$  -- ")]
    public void Query_SemicolonAtTheEnd_IsCut(string sql, string expected) => Assert.That(
        new Warehouse(Nowhere, WarehouseDialects.PostgreSql).Query(sql).Sql, Is.EqualTo($"SELECT * FROM ({expected}\n) AS mlops_rows"));
}
