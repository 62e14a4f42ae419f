using Acme;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Docs.Plugins;

public sealed class MissingValuesContract : DriftMonitorContract
{
    protected override IDriftMonitor Create() => new MissingValues(material: 0.1);
}
