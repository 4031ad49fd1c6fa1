export { anAlert, anIncident } from '../../bridge/testing/an-incident.ts';
