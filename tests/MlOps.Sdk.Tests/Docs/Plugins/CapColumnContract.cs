using Acme;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Testing;

namespace MlOps.Sdk.Tests.Docs.Plugins;

public sealed class CapColumnContract : RowProcessorContract
{
    protected override IRowProcessor Create() => new CapColumn("amount", 110);

    protected override void AddReaders(FormatReaders readers) => readers.Add(new CapColumnReader());
}
