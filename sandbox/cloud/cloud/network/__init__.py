"""The packets of Amazon VPC: interfaces, security groups, routes and endpoints decide who reaches whom."""
