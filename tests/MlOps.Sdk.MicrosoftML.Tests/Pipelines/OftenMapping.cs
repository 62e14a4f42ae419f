using Microsoft.ML.Transforms;

namespace MlOps.Sdk.MLNet;

/// <summary>A custom mapping whose code is that of this assembly, so that a model that uses it asks for this assembly.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class OftenMapping : CustomMappingFactory<Visits, Often>
{
    public const string Contract = "tests-often";

    public static void Map(Visits from, Often to) => to.IsOften = from.Count > 10 ? 1 : 0;

    public override Action<Visits, Often> GetMapping() => Map;
}
