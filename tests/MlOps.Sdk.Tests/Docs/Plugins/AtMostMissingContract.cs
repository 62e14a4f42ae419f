using Acme;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Processing;

namespace MlOps.Sdk.Tests.Docs.Plugins;

public sealed class AtMostMissingContract : ExpectationContract
{
    protected override RecordBatch Passing => Tables.Batch("a:Number,b:Integer\n1,1\n,2\n3,3");

    protected override RecordBatch Failing => Tables.Batch("a:Number,b:Integer\n1,1\n,2\n,3");

    protected override IExpectation Create() => new AtMostMissing("a", 0.5);
}
