using MlOps.Sdk.Processing;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

[TestFixtureSource(nameof(Names))]
public sealed class BuiltInSplitterContract(string name) : SplitterContract
{
    private static readonly Dictionary<string, Func<ISplitter>> Splitters = new()
    {
        ["hash"] = () => new HashSplitter(0.3, []),
        ["hash of a key"] = () => new HashSplitter(0.3, ["since"]),
        ["groups"] = () => new HashSplitter(0.5, ["visits"], FoldKind.Grouped),
        ["newest share"] = () => new TimeSplitter("since", 0.25, null, TimeSpan.Zero),
        ["newest share behind a gap"] = () => new TimeSplitter("since", 0.25, null, TimeSpan.FromDays(30)),
        ["from a time"] = () => new TimeSplitter("since", null, new DateTime(2024, 9, 1, 0, 0, 0, DateTimeKind.Utc), TimeSpan.Zero),
    };

    public static IEnumerable<string> Names => Splitters.Keys;

    protected override ISplitter Create() => Splitters[name]();
}
