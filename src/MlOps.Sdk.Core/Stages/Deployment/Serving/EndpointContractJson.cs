using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

[JsonSerializable(typeof(EndpointContract))]
internal sealed partial class EndpointContractJson : JsonSerializerContext;
