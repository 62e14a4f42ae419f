using BenchmarkDotNet.Running;
using MlOps.Sdk.Benchmarks.Tables;

if (args is ["tables", ..]) return await TableJobs.RunAsync(args);
BenchmarkSwitcher.FromAssembly(typeof(TableJobs).Assembly).Run(args);
return 0;
