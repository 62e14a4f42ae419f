using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

[TestFixtureSource(nameof(Names))]
public sealed class BuiltInTransformContract(string name) : FeatureTransformContract
{
    private static readonly Dictionary<string, Func<IFeatureTransform>> Transforms = new()
    {
        ["auto"] = () => new AutoTransform([], 100),
        ["numeric"] = () => new NumericTransform(["amount", "visits", "member", "since"], Imputation.Median, standardize: true),
        ["numeric as it is"] = () => new NumericTransform(["amount", "visits"], Imputation.Zero, standardize: false),
        ["one hot"] = () => new OneHotTransform(["plan"], 2),
        ["sparse one hot"] = () => new OneHotTransform(["plan", "visits", "member"], 15, mostDense: 1),
        ["one hot of other types"] = () => new OneHotTransform(["visits", "member", "amount"], 15),
    };

    public static IEnumerable<string> Names => Transforms.Keys;

    protected override IFeatureTransform Create() => Transforms[name]();

    protected override void AddReaders(FormatReaders readers) => BuiltInTransforms.AddTo(readers);
}
