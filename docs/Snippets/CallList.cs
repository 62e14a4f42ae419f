// begin-snippet: injected-endpoint
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;

namespace Acme;

internal sealed class CallList([FromKeyedServices(ChurnLifecycle.Name)] IEndpoint<Customer, ChurnPrediction> endpoint)
{
    public bool ShouldCall(Customer customer) => endpoint.Predict(customer).Value.ShouldCall;
}
// end-snippet
