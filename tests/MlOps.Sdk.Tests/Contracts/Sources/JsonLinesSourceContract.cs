using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class JsonLinesSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(JsonLines("first", 9));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(JsonLines("other", 8));

    private IDataSource JsonLines(string name, int rows)
    {
        var text = new StringBuilder();
        for (var i = 0; i < rows; i++)
        {
            var amount = i % 4 == 0 ? "null" : FormattableString.Invariant($"{i}.5");
            var member = i % 2 == 0 ? "true" : "false";
            text.Append(FormattableString.Invariant(
                $$$"""{"id":{{{i}}},"name":{"first":"n {{{i % 3}}}"},"amount":{{{amount}}},"member":{{{member}}}}""")).Append('\n');
        }
        return DataSources.JsonLines(_folder.Write(name + ".jsonl", text.ToString()));
    }
}
