using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>
/// Two shards of ClickHouse behind a Distributed table, where MLOPS_CLICKHOUSE has the HTTP addresses of both, with a comma between them,
/// and they know each other as the cluster <c>pair</c>.
/// </summary>
internal sealed class ClickHousePairContract : WarehouseDialectContract
{
    private readonly string _prefix = $"t{Guid.NewGuid():N}";
    private readonly List<string> _tables = [];
    private string[] _shards = [];

    protected override IReadOnlyCollection<ColumnType> Types =>
        [ColumnType.Number, ColumnType.Integer, ColumnType.Text, ColumnType.Timestamp];

    protected override TimeSpan TimeResolution => TimeSpan.FromSeconds(1);

    protected override int RowCount => LongForm.Of(20_000, 6_000);

    [OneTimeSetUp]
    public void Connect()
    {
        var addresses = Environment.GetEnvironmentVariable("MLOPS_CLICKHOUSE");
        if (string.IsNullOrEmpty(addresses)) Assert.Ignore("Set MLOPS_CLICKHOUSE to the HTTP addresses of two shards.");
        _shards = addresses!.Split(',');
    }

    [OneTimeTearDown]
    public async Task DropAsync()
    {
        foreach (var table in _tables)
        {
            foreach (var shard in _shards)
            {
                await ClickHouseCommand.SendAsync(shard, $"DROP TABLE IF EXISTS {table}");
                await ClickHouseCommand.SendAsync(shard, $"DROP TABLE IF EXISTS {table}_part");
            }
        }
    }

    protected override async Task<WarehouseTable> LoadAsync(string name, Dataset rows, Action<WarehouseOptions> configure)
    {
        var table = $"{_prefix}_{name}";
        lock (_tables) _tables.Add(table);
        var columns = string.Join(", ", rows.Schema.Select(field =>
            $"{WarehouseDialects.ClickHouse.Quote(field.Name)} Nullable({TypeOf(field.Type)})"));
        for (var shard = 0; shard < _shards.Length; shard++)
        {
            await ClickHouseCommand.SendAsync(
                _shards[shard], $"CREATE TABLE {table}_part ({columns}) ENGINE = MergeTree() ORDER BY tuple()");
            using var bytes = new MemoryStream();
            using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
            {
                for (var row = shard; row < rows.RowCount; row += _shards.Length) Write(writer, rows, row);
            }

            if (bytes.Length == 0) continue;
            await ClickHouseCommand.InsertAsync(_shards[shard], $"INSERT INTO {table}_part FORMAT RowBinary", bytes.ToArray());
        }

        await ClickHouseCommand.SendAsync(
            _shards[0], $"CREATE TABLE {table} ({columns}) ENGINE = Distributed(pair, default, {table}_part, rand())");
        return new Warehouse(new ClickHouseServer(_shards[0]), WarehouseDialects.ClickHouse, configure).Table(table);
    }

    // Servers of 2018 join two tables at most.
    protected override string SlowQuery(WarehouseTable table) => "SELECT max(number) AS slowest FROM system.numbers WHERE number % 7 = 3";

    // The text of a number would be read inexactly.
    private static void Write(BinaryWriter writer, Dataset rows, int row)
    {
        foreach (var column in rows.Columns)
        {
            writer.Write(column.IsNull(row));
            if (column.IsNull(row)) continue;
            switch (column)
            {
                case NumberColumn numbers: writer.Write(numbers.Values[row]); break;
                case IntegerColumn integers: writer.Write(integers.Values[row]); break;
                case TimestampColumn times: writer.Write((uint)(times.GetTimestamp(row) - DateTime.UnixEpoch).TotalSeconds); break;
                default: writer.Write(column.GetText(row)!); break;
            }
        }
    }

    private static string TypeOf(ColumnType type) => type switch
    {
        ColumnType.Number => "Float64",
        ColumnType.Integer => "Int64",
        ColumnType.Timestamp => "DateTime",
        _ => "String",
    };
}
