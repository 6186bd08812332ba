namespace Aspire.Hosting.ApplicationModel;

/// <summary>A gateway: a program of this machine in a run, a container in a deployment.</summary>
public interface IXmtpGatewayResource : IResourceWithXmtpGateway;
